/**
 * Who may: identities with grants, as messages of the log, and the ways to prove who one is. A door
 * asks {@link io.posthaste.access.Access} to prove a {@link io.posthaste.access.Credential}, is
 * given a {@link io.posthaste.access.Session}, and asks that at every subscribe and publish.
 */
@NullMarked
package io.posthaste.access;

import org.jspecify.annotations.NullMarked;
