package io.posthaste.examples.longpoll;

import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The application: a log, a hub over it, and a controller. */
@SpringBootApplication
public class LongPollApplication {
  /** Starts the application. */
  public static void main(String[] args) {
    SpringApplication.run(LongPollApplication.class, args);
  }

  /** The log, here in memory. A watcher wants the newest value only, so no older one is kept. */
  @Bean
  Log log() {
    Policies policies = new Policies(List.of(Policies.Rule.parse("#=count:1,age:forever")));
    return new MemoryLog(MemoryLog.Options.of(policies));
  }

  /** The hub. Spring closes it before the log, on which it depends. */
  @Bean
  Hub hub(Log log) {
    return new Hub(log);
  }
}
