/**
 * The native door over HTTP and WebSocket. One URL, {@code /v1/updates}, serves every way to wait;
 * the request says which. The wire is specified in {@code docs/wire.md}.
 */
@NullMarked
package io.posthaste.door.web;

import org.jspecify.annotations.NullMarked;
