/** A shop whose prices change while it runs. */
package io.posthaste.examples.springconfig;
