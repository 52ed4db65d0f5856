@NullMarked
package io.posthaste.door.apollo;

import org.jspecify.annotations.NullMarked;
