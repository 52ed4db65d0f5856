/** The suites that every log and every door must pass, and what tests share. For test scope. */
@NullMarked
package io.posthaste.testkit;

import org.jspecify.annotations.NullMarked;
