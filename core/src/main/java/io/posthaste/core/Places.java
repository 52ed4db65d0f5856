package io.posthaste.core;

import java.util.List;

/**
 * Where a reader begins, partition by partition.
 *
 * @param sequences beside the reader's partitions
 * @param gaps what its cursor lacks, as far as that is known before the log is read
 * @param quiet whether gaps that the first page tells of are none to this reader
 */
record Places(long[] sequences, List<Gap> gaps, boolean quiet) {}
