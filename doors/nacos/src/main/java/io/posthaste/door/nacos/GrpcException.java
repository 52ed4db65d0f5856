package io.posthaste.door.nacos;

/** A call, or a stream, that ends with a status other than OK. */
final class GrpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient GrpcStatus status;

  GrpcException(GrpcStatus status) {
    super(status.message(), null, false, false); // a peer's doing: where we noticed says nothing
    this.status = status;
  }

  GrpcStatus status() {
    return status;
  }
}
