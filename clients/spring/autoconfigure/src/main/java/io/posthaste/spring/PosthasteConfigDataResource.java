package io.posthaste.spring;

import org.springframework.boot.context.config.ConfigDataResource;

/** A config that is to be imported. */
final class PosthasteConfigDataResource extends ConfigDataResource {
  private final ConfigImport imported;
  private final Connection connection;
  private final boolean profileSpecific;
  private final boolean lenient;

  /**
   * @param lenient whether an application starts without it
   */
  PosthasteConfigDataResource(
      ConfigImport imported, Connection connection, boolean profileSpecific, boolean lenient) {
    super(lenient);
    this.imported = imported;
    this.connection = connection;
    this.profileSpecific = profileSpecific;
    this.lenient = lenient;
  }

  ConfigImport imported() {
    return imported;
  }

  Connection connection() {
    return connection;
  }

  boolean isProfileSpecific() {
    return profileSpecific;
  }

  boolean isLenient() {
    return lenient;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PosthasteConfigDataResource resource
        && imported.equals(resource.imported);
  }

  @Override
  public int hashCode() {
    return imported.hashCode();
  }

  @Override
  public String toString() {
    return imported + " of " + connection.settings();
  }
}
