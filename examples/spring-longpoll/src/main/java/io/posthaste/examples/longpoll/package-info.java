/** Long polling in an ordinary Spring Boot application, from a hub that it holds as a library. */
@NullMarked
package io.posthaste.examples.longpoll;

import org.jspecify.annotations.NullMarked;
