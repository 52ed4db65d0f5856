package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.server.Encoded;
import io.posthaste.server.Outlet;
import io.posthaste.server.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Server-sent events, as the HTML standard has them (section 9.2). */
record EventStream(int retryMillis) implements StreamForm {
  @Override
  public Response head() {
    return Response.of(200, StreamForm.headers("text/event-stream"), Unpooled.EMPTY_BUFFER);
  }

  @Override
  public ByteBuf opening(ShardForms forms) {
    return forms.text("retry: " + retryMillis + "\n\n");
  }

  /** An event without data is not dispatched, but its id counts. */
  @Override
  public ByteBuf place(ShardForms forms, Cursor cursor) {
    return forms.text("id: " + cursor + "\n\n");
  }

  @Override
  public Encoded heartbeat(ShardForms forms) {
    return forms.comment();
  }

  @Override
  public boolean write(Outlet outlet, ShardForms forms, Message message, @Nullable Cursor cursor) {
    if (cursor == null) {
      return outlet.write(forms.unit(Form.EVENT, message));
    }
    return outlet.write(forms.text("id: " + cursor + '\n'), forms.unit(Form.EVENT_REST, message));
  }

  @Override
  public ByteBuf missed(ShardForms forms, List<Gap> gaps, Cursor cursor) {
    ByteBuf out = forms.text("event: missed\ndata: {");
    forms.json().missed(out, gaps, cursor);
    JsonText.ascii(out, "}\n\n");
    return out;
  }

  @Override
  public boolean isSpent() {
    return false;
  }

  @Override
  public ByteBuf goodbye(ShardForms forms, Cursor cursor, int retryMillis) {
    return forms.text("retry: " + retryMillis + "\nid: " + cursor + "\n\n");
  }
}
