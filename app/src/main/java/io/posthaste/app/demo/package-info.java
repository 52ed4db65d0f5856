/**
 * What the demo serves besides the doors: its pages, the feeds that they show, and the small
 * applications behind them, each over the hub like any other application's.
 */
@NullMarked
package io.posthaste.app.demo;

import org.jspecify.annotations.NullMarked;
