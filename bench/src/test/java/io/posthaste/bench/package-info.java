@NullMarked
package io.posthaste.bench;

import org.jspecify.annotations.NullMarked;
