/** The config centre over real logs. */
@NullMarked
package io.posthaste.config;

import org.jspecify.annotations.NullMarked;
