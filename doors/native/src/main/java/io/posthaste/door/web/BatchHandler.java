package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Authorship;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PublishRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/batch}: a message a line in, what became of it a line out. Lines of nothing but
 * space are no lines.
 */
final class BatchHandler implements Guard.Guarded {
  private final Hub hub;
  private final NativeOptions options;

  /** A line understood: what to append, or why not. */
  private record Line(@Nullable Append append, @Nullable Refusal refusal) {}

  BatchHandler(Hub hub, NativeOptions options) {
    this.hub = hub;
    this.options = options;
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    Parameters.of(exchange.request(), Set.of());
    List<Line> lines = lines(exchange.request().body(), session);
    List<Append> appends = new ArrayList<>(lines.size());
    for (Line line : lines) {
      if (line.append != null) {
        appends.add(Authorship.of(line.append, session, exchange.client()));
      }
    }
    PublishRate rate = options.publishRate();
    if (!rate.admits(exchange, session, appends.size(), wait -> Answers.tooFast(exchange, wait))) {
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    if (appends.isEmpty()) {
      answer(exchange, lines, List.of());
      return;
    }
    OnShard.then(
        exchange.shard(),
        hub.publish(appends),
        outcomes -> answer(exchange, lines, outcomes),
        refusal -> Answers.problem(exchange, refusal));
  }

  private List<Line> lines(ByteBuf body, Session session) {
    List<Line> lines = new ArrayList<>();
    int from = body.readerIndex();
    int end = body.writerIndex();
    while (from < end) {
      int feed = body.indexOf(from, end, (byte) '\n');
      int to = feed < 0 ? end : feed;
      byte[] line = ByteBufUtil.getBytes(body, from, to - from);
      if (!isBlank(line)) {
        if (lines.size() == options.batchLines()) {
          throw new MalformedException(
              "batch: more than "
                  + options.batchLines()
                  + " lines (expected: fewer; send more"
                  + " batches)");
        }
        lines.add(line(line, session));
      }
      from = to + 1;
    }
    return lines;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private static Line line(byte[] json, Session session) {
    try {
      JsonFields fields = JsonFields.parse("line", json);
      fields.only(Publication.FIELDS);
      Append append = Publication.of(fields);
      if (append.topic().isReserved()) {
        return new Line(null, Refusal.reserved(append.topic().name()));
      }
      return session.mayPublish(append.topic())
          ? new Line(append, null)
          : new Line(null, Refusal.unpublishable(session, append.topic()));
    } catch (MalformedException e) {
      return new Line(null, Refusal.malformed(String.valueOf(e.getMessage())));
    }
  }

  private static void answer(Exchange exchange, List<Line> lines, List<Appended> outcomes) {
    Answers.json(
        exchange,
        200,
        Map.of("Content-Type", "application/x-ndjson"),
        out -> {
          int next = 0;
          for (Line line : lines) {
            Appended outcome = line.append == null ? null : outcomes.get(next++);
            if (line.append != null && outcome instanceof Appended.Stored stored) {
              Publication.writeStored(out.writeByte('{'), line.append.topic(), stored);
              out.writeByte('}');
            } else {
              Refusal refusal = outcome == null ? line.refusal : Refusal.of(outcome);
              Answers.writeProblem(out, refusal == null ? Refusal.failed() : refusal);
            }
            out.writeByte('\n');
          }
        });
  }
}
