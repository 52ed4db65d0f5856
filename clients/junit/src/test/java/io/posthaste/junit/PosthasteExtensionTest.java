package io.posthaste.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers come and go as JUnit's lifecycle has it. */
final class PosthasteExtensionTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static int publish(PosthasteExtension server, String topic)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/v1/topics/" + topic))
            .POST(BodyPublishers.ofString("hello"))
            .build();
    return HTTP.send(request, BodyHandlers.ofString()).statusCode();
  }

  private static HttpResponse<String> look(PosthasteExtension server, String topic)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(server.url() + "/v1/topics/" + topic)).build(),
        BodyHandlers.ofString());
  }

  @Nested
  final class InAStaticField {
    @RegisterExtension
    static final PosthasteExtension SERVER =
        PosthasteExtension.onDisk().with("keep", "small/#=max:2").with("keep", "other/#=count:1");

    @Test
    void itKeepsMessagesAndItsAddressAcrossRestarts() throws Exception {
      assertThat(publish(SERVER, "kept")).isEqualTo(201);
      String url = SERVER.url();
      int tcpPort = SERVER.tcpPort();

      SERVER.restart();

      assertThat(SERVER.url()).isEqualTo(url);
      assertThat(SERVER.tcpPort()).isEqualTo(tcpPort);
      assertThat(look(SERVER, "kept").body()).isEqualTo("hello");
    }

    @Test
    void itHasTheSettingsThatWereSaid() throws Exception {
      assertThat(publish(SERVER, "small/a")).isEqualTo(413);
      assertThat(publish(SERVER, "other/a")).isEqualTo(201);
    }

    @Test
    void itCanBeDownForAWhile() throws Exception {
      SERVER.stop();
      assertThatThrownBy(() -> look(SERVER, "kept")).isInstanceOf(ConnectException.class);
      SERVER.start();
      assertThat(publish(SERVER, "kept")).isEqualTo(201);
    }

    @Nested
    final class WithANestedClass {
      @Test
      void itIsTheSame() throws Exception {
        assertThat(publish(SERVER, "nested")).isEqualTo(201);
      }
    }
  }

  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_METHOD)
  final class InAnInstanceField {
    @RegisterExtension final PosthasteExtension server = PosthasteExtension.inMemory();

    @Test
    void itIsNewForOneTest() throws Exception {
      assertThat(look(server, "a").statusCode()).isEqualTo(404);
      publish(server, "a");
    }

    @Test
    void itIsNewForAnother() throws Exception {
      assertThat(look(server, "a").statusCode()).isEqualTo(404);
      publish(server, "a");
    }
  }

  @Nested
  @ExtendWith(PosthasteExtension.class)
  final class AsAParameter {
    @Test
    void itIsGiven(PosthasteExtension server) throws Exception {
      assertThat(publish(server, "a")).isEqualTo(201);
    }
  }

  @Test
  void anUnknownSettingIsRefusedWithTheOneThatWasMeant() {
    PosthasteExtension server = PosthasteExtension.inMemory().with("kep", "a=count:1");
    assertThatThrownBy(server::start).hasMessageContaining("kep (expected: one such as keep)");
  }

  @Test
  void anAddressIsThereOnlyWithinATest() {
    assertThatThrownBy(PosthasteExtension.inMemory()::url)
        .hasMessageContaining("(expected: within a test)");
  }
}
