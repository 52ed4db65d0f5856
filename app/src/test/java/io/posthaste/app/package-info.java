/** Tests of the command line, most of them with real processes and sockets. */
@NullMarked
package io.posthaste.app;

import org.jspecify.annotations.NullMarked;
