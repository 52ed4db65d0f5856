/**
 * Posthaste in Spring Boot: {@code spring.config.import=posthaste:shop.yaml}. Applications need
 * {@link io.posthaste.spring.ConfigChangedEvent} at most; the rest is found by Boot.
 */
@NullMarked
package io.posthaste.spring;

import org.jspecify.annotations.NullMarked;
