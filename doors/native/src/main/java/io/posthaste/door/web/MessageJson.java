package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.PollResult;
import io.posthaste.server.JsonCheck;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Messages, gaps and pages as the JSON of the native wire. */
final class MessageJson {
  private final String epoch;

  /**
   * @param epoch of the log that the messages are of
   */
  MessageJson(String epoch) {
    this.epoch = epoch;
  }

  /** The id of a message. */
  Id idOf(Message message) {
    return Id.of(epoch, message);
  }

  /** Writes a message whole. */
  void message(ByteBuf out, Message message) {
    rest(out.writeByte('{'), message);
  }

  /**
   * Writes a message without its opening brace, so that something of one receiver's alone can stand
   * before what all share.
   */
  void rest(ByteBuf out, Message message) {
    ascii(out, "\"topic\":");
    JsonText.string(out, message.topic().name());
    ascii(out, ",\"id\":");
    JsonText.id(out, idOf(message));
    ascii(out, ",\"at\":");
    JsonText.time(out, message.timeMillis());
    if (!message.type().isEmpty()) {
      ascii(out, ",\"type\":");
      JsonText.string(out, message.type());
    }
    if (!message.headers().isEmpty()) {
      headers(out, message.headers());
    }
    if (message.deleted()) {
      ascii(out, ",\"deleted\":true");
    } else {
      data(out, message);
    }
    out.writeByte('}');
  }

  private static void headers(ByteBuf out, Map<String, String> headers) {
    ascii(out, ",\"headers\":");
    char before = '{';
    for (Map.Entry<String, String> header : headers.entrySet()) {
      out.writeByte(before);
      JsonText.string(out, header.getKey());
      JsonText.string(out.writeByte(':'), header.getValue());
      before = ',';
    }
    out.writeByte('}');
  }

  private static void data(ByteBuf out, Message message) {
    byte[] bytes = message.payload().toByteArray();
    ascii(out, ",\"data\":");
    DataForm form = DataForm.of(message.type());
    // Other doors take any bytes under any type, so what would break the line is not believed.
    if (form == DataForm.JSON && JsonCheck.isValid(bytes)) {
      json(out, bytes);
    } else if (form == DataForm.TEXT && JsonCheck.isUtf8(bytes)) {
      JsonText.string(out, bytes);
    } else {
      out.writeByte('"').writeBytes(Base64.getEncoder().encode(bytes));
      ascii(out, "\",\"encoding\":\"base64\"");
    }
  }

  /** In valid JSON line breaks stand between tokens only, where a space means the same. */
  private static void json(ByteBuf out, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        bytes[i] = ' ';
      }
    }
    out.writeBytes(bytes);
  }

  /** Writes {@code "missed":true,"gaps":[…]}, without braces. */
  void missed(ByteBuf out, List<Gap> gaps, Cursor next) {
    ascii(out, "\"missed\":true,\"gaps\":");
    char before = '[';
    for (Gap gap : gaps) {
      out.writeByte(before);
      ascii(out, "{\"topic\":");
      JsonText.string(out, gap.topics().text());
      ascii(out, ",\"from\":");
      if (gap.from() == 0) {
        JsonText.cursor(out, next);
      } else {
        JsonText.id(out, new Id(epoch, gap.partition(), gap.from()));
      }
      out.writeByte('}');
      before = ',';
    }
    out.writeByte(']');
  }

  /** Writes the answer to a poll. */
  void page(ByteBuf out, PollResult page) {
    ascii(out, "{\"messages\":[");
    for (int i = 0; i < page.messages().size(); i++) {
      message(i == 0 ? out : out.writeByte(','), page.messages().get(i));
    }
    ascii(out, "],\"next\":");
    JsonText.cursor(out, page.next());
    out.writeByte(',');
    if (page.gaps().isEmpty()) {
      ascii(out, "\"missed\":false");
    } else {
      missed(out, page.gaps(), page.next());
    }
    if (page.more()) {
      ascii(out, ",\"more\":true");
    }
    out.writeByte('}');
  }

  /** Rewrites JSON for the inside of a script element: no {@code <}, no U+2028, no U+2029. */
  static void scriptSafe(ByteBuf out, ByteBuf json) {
    byte[] bytes = new byte[json.readableBytes()];
    json.getBytes(json.readerIndex(), bytes);
    int run = 0;
    for (int i = 0; i < bytes.length; i++) {
      boolean separator =
          bytes[i] == (byte) 0xe2
              && i + 2 < bytes.length
              && bytes[i + 1] == (byte) 0x80
              && (bytes[i + 2] & 0xfe) == 0xa8;
      if (bytes[i] != '<' && !separator) {
        continue;
      }
      out.writeBytes(bytes, run, i - run);
      // All three stand in strings only, where an escape means the same.
      String escape = !separator ? "\\u003c" : bytes[i + 2] == (byte) 0xa8 ? "\\u2028" : "\\u2029";
      out.writeBytes(escape.getBytes(StandardCharsets.US_ASCII));
      i += separator ? 2 : 0;
      run = i + 1;
    }
    out.writeBytes(bytes, run, bytes.length - run);
  }
}
