/** A running server for tests: {@link io.posthaste.junit.PosthasteExtension}. */
@NullMarked
package io.posthaste.junit;

import org.jspecify.annotations.NullMarked;
