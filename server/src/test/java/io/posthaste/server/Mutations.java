package io.posthaste.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes bad input out of good: bits flipped, parts cut, repeated, moved, or replaced. */
final class Mutations {
  private final List<byte[]> seeds;
  private final List<byte[]> words;
  private final Random random;

  Mutations(List<byte[]> seeds, List<String> words, Random random) {
    this.seeds = seeds;
    this.words = words.stream().map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList();
    this.random = random;
  }

  byte[] next() {
    byte[] bytes = seed();
    for (int i = random.nextInt(5); i > 0; i--) {
      bytes = mutate(bytes);
    }
    return bytes;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] mutate(byte[] in) {
    int from = random.nextInt(in.length + 1);
    int to = from + random.nextInt(Math.min(in.length - from, 40) + 1);
    byte[] part =
        switch (random.nextInt(6)) {
          case 0 -> flipped(in, from, to);
          case 1 -> new byte[0];
          case 2 -> join(Arrays.copyOfRange(in, from, to), Arrays.copyOfRange(in, from, to));
          case 3 -> join(Arrays.copyOfRange(in, from, to), words.get(random.nextInt(words.size())));
          case 4 -> words.get(random.nextInt(words.size()));
          default -> seed();
        };
    return join(Arrays.copyOf(in, from), part, Arrays.copyOfRange(in, to, in.length));
  }

  private byte[] flipped(byte[] in, int from, int to) {
    byte[] part = Arrays.copyOfRange(in, from, to);
    if (part.length > 0) {
      part[random.nextInt(part.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return part;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
