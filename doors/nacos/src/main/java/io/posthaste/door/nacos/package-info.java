/**
 * The door for Nacos clients that read and publish configs over HTTP, unmodified. What it does and
 * what it does not is in {@code docs/config.md}.
 */
@NullMarked
package io.posthaste.door.nacos;

import org.jspecify.annotations.NullMarked;
