/**
 * One log, a topic is a filter over it, a reader is a cursor into it: topics, messages, cursors,
 * the {@link io.posthaste.core.Log} and the {@link io.posthaste.core.Hub}.
 */
@NullMarked
package io.posthaste.core;

import org.jspecify.annotations.NullMarked;
