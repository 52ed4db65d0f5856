@NullMarked
package io.posthaste.spring;

import org.jspecify.annotations.NullMarked;
