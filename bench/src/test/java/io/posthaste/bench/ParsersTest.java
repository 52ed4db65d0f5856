package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What arrives in pieces must read the same wherever it is cut. */
class ParsersTest {

  @Test
  void aFalseMarkSpoilsOnlyTheStampBehindIt() {
    ByteBuf out = Unpooled.buffer();
    out.writeCharSequence("~p~~phx~phb", StandardCharsets.US_ASCII);
    Stamp.write(out, 0xcafe0001, 77, 4_000_000, 123_456_789_012L);
    Stamp.write(out, 0xcafe0001, 78, 5, 6);
    out.writeCharSequence("\"~", StandardCharsets.US_ASCII);

    cutEverywhere(bytes(out), StampScannerProbe::new, "unreadable", "cafe0001/78/5/6");
  }

  @Test
  void readsCleanStampsCutAnywhere() {
    ByteBuf out = Unpooled.buffer();
    out.writeCharSequence("data: ~ph ", StandardCharsets.US_ASCII);
    Stamp.write(out, 0xcafe0001, 77, 4_000_000, 123_456_789_012L);
    Stamp.write(out, 1, 78, 5, 6);

    cutEverywhere(
        bytes(out), StampScannerProbe::new, "cafe0001/77/4000000/123456789012", "1/78/5/6");
  }

  @Test
  void readsAnswersCutAnywhere() {
    String answers =
        "HTTP/1.1 100 Continue\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\nhello"
            + "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: chunked\r\n\r\n"
            + "3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
            + "HTTP/1.1 204 No Content\r\n\r\n";

    cutEverywhere(
        answers.getBytes(StandardCharsets.US_ASCII),
        AnswerProbe::new,
        "100 200 etag=\"a\" hello. 304 . 200 abc0123456789. 204 .");
  }

  @Test
  void readsFramesCutAnywhere() {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(0x81).writeByte(2).writeCharSequence("hi", StandardCharsets.US_ASCII);
    out.writeByte(0x89).writeByte(1).writeByte('p');
    out.writeByte(0x82).writeByte(126).writeShort(130).writeZero(130);
    out.writeByte(0x81).writeByte(0);
    out.writeByte(0x81).writeByte(127).writeLong(3).writeZero(3);
    out.writeByte(0x88).writeByte(2).writeShort(1012);

    cutEverywhere(bytes(out), FrameProbe::new, "2; ping:p 130; 0; 3; close");
  }

  @Test
  void refusesWhatIsNotHttp() {
    AnswerProbe probe = new AnswerProbe(new ArrayList<>());
    byte[] bytes = "SSH-2.0-OpenSSH\r\n".getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> probe.accept(bytes))
        .isInstanceOf(AnswerParser.MalformedAnswer.class)
        .hasMessage("no status line");
  }

  @Test
  void findsATextThatBeginsWithinItself() {
    TextFinder finder = new TextFinder("aab");
    int found = 0;
    for (byte b : "aaab aabaab".getBytes(StandardCharsets.US_ASCII)) {
      found += finder.step(b) ? 1 : 0;
    }
    assertThat(found).isEqualTo(3);
  }

  private interface Probe extends Consumer<byte[]> {
    String heard();
  }

  private static void cutEverywhere(
      byte[] bytes, java.util.function.Function<List<String>, Probe> fresh, String... expected) {
    for (int cut = 0; cut <= bytes.length; cut++) {
      Probe probe = fresh.apply(new ArrayList<>());
      probe.accept(java.util.Arrays.copyOfRange(bytes, 0, cut));
      probe.accept(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
      assertThat(probe.heard()).as("cut at %d", cut).isEqualTo(String.join(" ", expected));
    }
    Probe probe = fresh.apply(new ArrayList<>());
    for (byte b : bytes) {
      probe.accept(new byte[] {b});
    }
    assertThat(probe.heard()).as("byte by byte").isEqualTo(String.join(" ", expected));
  }

  private static byte[] bytes(ByteBuf out) {
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    out.release();
    return bytes;
  }

  private static final class StampScannerProbe implements Probe, StampScanner.Listener {
    private final List<String> heard;
    private final StampScanner scanner = new StampScanner(this);

    StampScannerProbe(List<String> heard) {
      this.heard = heard;
    }

    @Override
    public void accept(byte[] bytes) {
      scanner.feed(bytes, 0, bytes.length);
    }

    @Override
    public String heard() {
      return String.join(" ", heard);
    }

    @Override
    public void stamp(int run, int topic, int seq, long due) {
      heard.add(Integer.toHexString(run) + "/" + topic + "/" + seq + "/" + due);
    }

    @Override
    public void unreadable() {
      heard.add("unreadable");
    }
  }

  private static final class AnswerProbe implements Probe, AnswerParser.Sink {
    private final StringBuilder heard = new StringBuilder();
    private final AnswerParser parser = new AnswerParser(this);

    AnswerProbe(List<String> unused) {}

    @Override
    public void accept(byte[] bytes) {
      parser.feed(bytes, 0, bytes.length);
    }

    @Override
    public String heard() {
      return heard.toString().strip();
    }

    @Override
    public void status(int code) {
      heard.append(code).append(' ');
    }

    @Override
    public void header(byte[] bytes, int from, int length) {
      if (AnswerParser.named(bytes, from, length, "etag")) {
        heard
            .append("etag=")
            .append(new String(bytes, from + 6, length - 6, StandardCharsets.US_ASCII))
            .append(' ');
      }
    }

    @Override
    public void body(byte[] bytes, int from, int length) {
      heard.append(new String(bytes, from, length, StandardCharsets.US_ASCII));
    }

    @Override
    public void end() {
      heard.append(". ");
    }
  }

  private static final class FrameProbe implements Probe, FrameParser.Sink {
    private final StringBuilder heard = new StringBuilder();
    private final FrameParser parser = new FrameParser(this);
    private int length;

    FrameProbe(List<String> unused) {}

    @Override
    public void accept(byte[] bytes) {
      parser.feed(bytes, 0, bytes.length);
    }

    @Override
    public String heard() {
      return heard.toString().strip();
    }

    @Override
    public void payload(byte[] bytes, int from, int count) {
      length += count;
    }

    @Override
    public void frameEnd() {
      heard.append(length).append("; ");
      length = 0;
    }

    @Override
    public void ping(byte[] bytes, int count) {
      heard
          .append("ping:")
          .append(new String(bytes, 0, count, StandardCharsets.US_ASCII))
          .append(' ');
    }

    @Override
    public void closing() {
      heard.append("close");
    }
  }
}
