/** Runs the fuzzer; its targets stand in the packages of what they try. */
@NullMarked
package io.posthaste.fuzz;

import org.jspecify.annotations.NullMarked;
