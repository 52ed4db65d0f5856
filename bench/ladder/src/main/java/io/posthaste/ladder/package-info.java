/**
 * The same job, long polling, as three tutorials teach it. Each server is one file, written as well
 * as its idea allows: what it lacks is what the idea lacks. {@code docs/why.md} tells what that is.
 */
@NullMarked
package io.posthaste.ladder;

import org.jspecify.annotations.NullMarked;
