/**
 * The config centre over the hub. A config is a topic that keeps its last versions; everything else
 * here follows from that.
 */
@NullMarked
package io.posthaste.config;

import org.jspecify.annotations.NullMarked;
