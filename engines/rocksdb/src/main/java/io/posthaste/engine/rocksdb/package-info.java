/**
 * The embedded log: one durable partition in RocksDB and, where a policy asks for it, one in
 * memory. {@link io.posthaste.engine.rocksdb.RocksLog} opens it.
 */
@NullMarked
package io.posthaste.engine.rocksdb;

import org.jspecify.annotations.NullMarked;
