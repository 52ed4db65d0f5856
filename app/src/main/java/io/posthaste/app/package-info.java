/** The command line and the assembly of the server. */
@NullMarked
package io.posthaste.app;

import org.jspecify.annotations.NullMarked;
