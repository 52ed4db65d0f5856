package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.posthaste.access.Session;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Presence;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.Subscription;
import io.posthaste.server.Encoded;
import io.posthaste.server.Exchange;
import io.posthaste.server.Joining;
import io.posthaste.server.Outlet;
import io.posthaste.server.OutletListener;
import io.posthaste.server.Response;
import io.posthaste.server.Use;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader whose messages are streamed as one answer of HTTP. */
final class StreamedReader implements Receiver, OutletListener {
  /** What a client waits before it comes again when the log failed. */
  private static final int FAILED_RETRY_MILLIS = 5_000;

  private final Session session;
  private final ShardForms forms;
  private final StreamForm form;
  private final Technique technique;
  private final Presence.@Nullable Member member;
  private @Nullable Outlet outlet; // null once it has ended
  private @Nullable Reader reader;
  private boolean isStarted; // the reader's place is known
  private int toldHash; // of the cursor that was told last: idle readers are many, cursors large

  private StreamedReader(
      Session session,
      ShardForms forms,
      StreamForm form,
      Technique technique,
      Presence.@Nullable Member member) {
    this.session = session;
    this.member = member;
    this.technique = technique;
    this.forms = forms;
    this.form = form;
  }

  /**
   * Answers an exchange with what a subscription brings.
   *
   * @param member who is there as long as the stream lasts; null for nobody
   */
  static void begin(
      Exchange exchange,
      Session session,
      ShardForms forms,
      StreamForm form,
      Technique technique,
      Subscription what,
      Presence.@Nullable Member member) {
    StreamedReader it = new StreamedReader(session, forms, form, technique, member);
    Response head = form.head();
    Outlet outlet = exchange.stream(head, it);
    head.release();
    it.outlet = outlet;
    ByteBuf opening = form.opening(forms);
    if (opening != null) {
      outlet.write(opening);
    }
    // At once: on a quiet topic the client would not know otherwise that it is connected.
    outlet.flush();
    if (it.outlet != null) {
      it.reader = exchange.shard().subscribe(what, it);
    }
  }

  @Override
  public void onStarted(Reader reader) {
    Outlet to = outlet;
    if (to != null) {
      isStarted = true;
      tell(to, reader.cursor());
      to.flush();
    }
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    Outlet to = outlet;
    if (to == null) {
      return false;
    }
    Cursor cursor = reader.readsOnePartition() ? null : reader.cursor();
    return form.write(to, forms, message, cursor);
  }

  @Override
  public void onMissed(Reader reader, List<Gap> gaps) {
    Outlet to = outlet;
    if (to != null) {
      to.write(form.missed(forms, gaps, reader.cursor()));
    }
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    Outlet to = outlet;
    if (to == null) {
      return;
    }
    if (form.isSpent()) {
      end(to, reader, 0);
    } else {
      to.flush();
    }
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    Outlet to = outlet;
    if (to != null) {
      end(to, reader, FAILED_RETRY_MILLIS);
    }
  }

  @Override
  public void onWritable() {
    Reader reads = reader;
    if (reads != null) {
      reads.resume();
    }
  }

  @Override
  public void onHeartbeat() {
    Outlet to = outlet;
    Reader reads = reader;
    // What the peer does not take needs no heartbeat: the server cuts it when that lasts.
    if (to == null || reads == null || !to.isWritable()) {
      return;
    }
    if (isStarted && form.isSpent()) {
      end(to, reads, 0);
      return;
    }
    Encoded nothing = form.heartbeat(forms);
    Cursor now = isStarted ? reads.cursor() : null;
    if (now != null && (nothing == null || now.hashCode() != toldHash)) {
      tell(to, now);
    } else if (nothing != null) {
      to.write(nothing);
    }
    to.flush();
  }

  private void tell(Outlet to, Cursor cursor) {
    toldHash = cursor.hashCode();
    to.write(form.place(forms, cursor));
  }

  @Override
  public void onShutdown(int retryMillis) {
    Outlet to = outlet;
    if (to != null) {
      end(to, reader, retryMillis);
    }
  }

  /** Whoever may come back does so at once; whoever may not is told why when he tries. */
  @Override
  public void onAccessChanged() {
    Outlet to = outlet;
    Reader reads = reader;
    if (to == null || reads == null) {
      return;
    }
    boolean mayRead = session.firstUnreadable(reads.topics()) == null;
    Presence.Member there = member;
    boolean mayStay = there == null || session.mayPublish(there.who().topic());
    if (mayRead && there != null && !mayStay) {
      there.leave(Duration.ZERO); // else he may come back within some seconds, unnoticed
    }
    if (!mayRead || !mayStay) {
      end(to, reads, 0);
    }
  }

  /** The last words need the reader's place: without it the client goes on from where it was. */
  private void end(Outlet to, @Nullable Reader reads, int retryMillis) {
    if (reads != null && isStarted) {
      to.write(form.goodbye(forms, reads.cursor(), retryMillis));
    }
    outlet = null;
    if (reads != null) {
      reads.close();
    }
    to.end();
  }

  @Override
  public Use use() {
    Reader reads = reader;
    return new Use(
        technique.door(),
        reads == null ? List.of() : reads.topics(),
        member == null ? List.of() : List.of(member.who()));
  }

  @Override
  public void onClosed() {
    if (member != null) {
      member.leave(Joining.BACK_WITHIN);
    }
    outlet = null;
    Reader reads = reader;
    if (reads != null) {
      reads.close();
    }
  }
}
