/** A cluster on one machine, and everything in it that may die. */
@NullMarked
package io.posthaste.chaos;

import org.jspecify.annotations.NullMarked;
