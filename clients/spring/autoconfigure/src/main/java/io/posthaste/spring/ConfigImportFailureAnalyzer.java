package io.posthaste.spring;

import io.posthaste.client.UnreachableException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what would be right when a config could not be had at start. */
final class ConfigImportFailureAnalyzer extends AbstractFailureAnalyzer<ConfigImportException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, ConfigImportException cause) {
    PosthasteConfigDataResource resource = cause.resource();
    String action =
        cause.getCause() instanceof UnreachableException
            ? "Start a server there (./posthaste serve), or correct posthaste.url. To start without"
                + " it, import optional:"
                + resource.imported()
                + " or set posthaste.fail-fast=false. Once it was reached, a snapshot is kept for"
                + " such times (posthaste.snapshots)."
            : "Give the application's key 'read' on "
                + resource.imported().name().topic()
                + ", or correct posthaste.token or posthaste.token-file.";
    return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
  }
}
