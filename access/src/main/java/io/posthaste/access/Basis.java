package io.posthaste.access;

import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a session rests on. It holds as long as that stands. */
sealed interface Basis {
  /** What it gives at the moment; null if it no longer stands. Costs a look or two. */
  @Nullable Permissions permissions(Directory directory);

  /** When it ends by itself, in milliseconds since 1970; {@link Session#NEVER} if never. */
  default long expiresMillis() {
    return Session.NEVER;
  }

  /** Nobody was ever made known: everybody may everything. */
  record NotSetUp() implements Basis {
    @Override
    public @Nullable Permissions permissions(Directory directory) {
      return directory.isSetUp() ? null : Session.EVERYTHING;
    }
  }

  /** Nothing was proved. */
  record Nothing() implements Basis {
    @Override
    public Permissions permissions(Directory directory) {
      return directory.permissionsOf(Identity.ANONYMOUS.id());
    }
  }

  /** The server's own files were read. */
  record Operating() implements Basis {
    @Override
    public Permissions permissions(Directory directory) {
      return Session.EVERYTHING;
    }
  }

  /**
   * A password, or whatever else belongs to an account as it was.
   *
   * @param revision of the account when it was proved: with another password it is another
   */
  record ByAccount(String id, long revision) implements Basis {
    @Override
    public @Nullable Permissions permissions(Directory directory) {
      Account account = directory.account(id);
      return account == null || account.revision() != revision ? null : directory.permissionsOf(id);
    }
  }

  /** A key. */
  record ByKey(String key, String owner, long expiresMillis) implements Basis {
    @Override
    public @Nullable Permissions permissions(Directory directory) {
      ApiKey known = directory.key(key);
      Account account = directory.account(owner);
      boolean stands =
          known != null && account != null && known.ownerSince() == account.createdMillis();
      return stands ? directory.permissionsOf(owner) : null;
    }
  }

  /**
   * What an authority that is trusted said: a signed token, a certificate.
   *
   * @param grants what it grants besides what the id is granted here; ids in their place
   */
  record BySaying(String id, List<Grant> grants, long expiresMillis) implements Basis {
    public BySaying {
      grants = List.copyOf(grants);
    }

    @Override
    public Permissions permissions(Directory directory) {
      Permissions here = directory.permissionsOf(id);
      if (grants.isEmpty()) {
        return here;
      }
      List<Grant> both = new ArrayList<>(here.grants());
      both.addAll(Permissions.of(id, grants).grants());
      return new Permissions(both);
    }
  }

  /**
   * A ticket that was given on another basis.
   *
   * @param topics what may be read by it, as far as the other basis still gives it
   */
  record ByTicket(Basis of, List<TopicPattern> topics) implements Basis {
    public ByTicket {
      topics = List.copyOf(topics);
    }

    @Override
    public @Nullable Permissions permissions(Directory directory) {
      Permissions all = of.permissions(directory);
      return all == null ? null : all.onlyReading(topics);
    }

    @Override
    public long expiresMillis() {
      return of.expiresMillis();
    }
  }
}
