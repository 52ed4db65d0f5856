/**
 * The door for Apollo clients, unmodified, and for those who publish by Apollo's open API. What it
 * does and what it does not is in {@code docs/config.md}.
 */
@NullMarked
package io.posthaste.door.apollo;

import org.jspecify.annotations.NullMarked;
