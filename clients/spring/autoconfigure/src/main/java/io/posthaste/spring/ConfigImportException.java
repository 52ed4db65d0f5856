package io.posthaste.spring;

import io.posthaste.client.PosthasteException;

/** An application cannot start, because a config could not be had. */
final class ConfigImportException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient PosthasteConfigDataResource resource;

  ConfigImportException(PosthasteConfigDataResource resource, PosthasteException why) {
    super(resource + " could not be imported: " + why.getMessage(), why);
    this.resource = resource;
  }

  PosthasteConfigDataResource resource() {
    return resource;
  }
}
