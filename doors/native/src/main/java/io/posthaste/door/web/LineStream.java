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

/** A JSON object a line. */
record LineStream() implements StreamForm {
  @Override
  public Response head() {
    return Response.of(200, StreamForm.headers("application/x-ndjson"), Unpooled.EMPTY_BUFFER);
  }

  @Override
  public @Nullable ByteBuf opening(ShardForms forms) {
    return null;
  }

  @Override
  public ByteBuf place(ShardForms forms, Cursor cursor) {
    return forms.text("{\"next\":\"" + cursor + "\"}\n");
  }

  @Override
  public @Nullable Encoded heartbeat(ShardForms forms) {
    return null;
  }

  @Override
  public boolean write(Outlet outlet, ShardForms forms, Message message, @Nullable Cursor cursor) {
    if (cursor == null) {
      return outlet.write(forms.unit(Form.LINE, message));
    }
    return outlet.write(
        forms.text("{\"next\":\"" + cursor + "\","), forms.unit(Form.LINE_REST, message));
  }

  @Override
  public ByteBuf missed(ShardForms forms, List<Gap> gaps, Cursor cursor) {
    ByteBuf out = forms.text("{");
    forms.json().missed(out, gaps, cursor);
    JsonText.ascii(out, "}\n");
    return out;
  }

  @Override
  public boolean isSpent() {
    return false;
  }

  @Override
  public ByteBuf goodbye(ShardForms forms, Cursor cursor, int retryMillis) {
    return place(forms, cursor);
  }
}
