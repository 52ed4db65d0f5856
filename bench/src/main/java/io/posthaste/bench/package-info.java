/**
 * The load tool and the runs behind {@code docs/benchmarks.md}. {@link io.posthaste.bench.LoadRun}
 * puts one load on one server and accounts for every delivery; it knows no server, only a {@link
 * io.posthaste.bench.Target}.
 */
@NullMarked
package io.posthaste.bench;

import org.jspecify.annotations.NullMarked;
