package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages show compiles as it is printed. */
final class SnippetsTest {
  private static final Path DOCS = Path.of("..", "..", "docs");
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final String IMPORTS =
      """
      import io.posthaste.client.*;
      import io.posthaste.junit.PosthasteExtension;
      import java.net.ProxySelector;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.*;
      import org.junit.jupiter.api.Test;
      import org.junit.jupiter.api.extension.RegisterExtension;
      import static org.awaitility.Awaitility.await;
      """;

  @TempDir Path classes = Path.of("");

  private static List<String> blocks(String page) throws IOException {
    return BLOCK
        .matcher(Files.readString(DOCS.resolve(page)))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  @Test
  void thoseAboutTheClient() throws IOException {
    StringBuilder source = new StringBuilder(IMPORTS + "class Snippets {\n");
    source.append("void show(Message message) {}\n");
    int count = 0;
    for (String block : blocks("clients.md")) {
      String parameters =
          "String id, String cursor, String token, byte[] png, Publication one, Publication another"
              + (block.contains("Posthaste client =") ? "" : ", Posthaste client");
      source.append(
          "void block%d(%s) throws Exception {\n%s}\n".formatted(count++, parameters, block));
    }
    assertThat(count).isGreaterThan(3);
    compile(source.append("}\n").toString());
  }

  @Test
  void thoseAboutTesting() throws IOException {
    List<String> blocks = blocks("testing.md");
    assertThat(blocks).hasSize(1);
    compile(
        IMPORTS
            + "class Snippets {\nList<Message> heard = new ArrayList<>();"
            + blocks.get(0)
            + "}\n");
  }

  private void compile(String source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///Snippets.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(said, null, null, options, null, List.of(file)).call();
    assertThat(compiled).as(said.toString()).isTrue();
  }
}
