package io.posthaste.bench;

/** A reader on a streamed HTTP answer: SSE or ndjson. */
final class StreamConnection extends ReaderConnection {

  StreamConnection(RunState state, int index, Opening opening) {
    super(state, index, opening);
  }

  @Override
  public void headEnd() {
    if (status == 200) {
      nowWaiting();
    } else {
      fail("a stream was answered with " + status);
    }
  }

  @Override
  public void body(byte[] bytes, int from, int length) {
    scanner.feed(bytes, from, length);
  }

  @Override
  public void end() {
    fail("a stream was ended by the server");
  }
}
