package io.posthaste.door.apollo;

import com.ctrip.framework.apollo.Config;
import com.ctrip.framework.apollo.model.ConfigChangeEvent;
import com.ctrip.framework.apollo.spring.annotation.ApolloConfig;
import com.ctrip.framework.apollo.spring.annotation.ApolloConfigChangeListener;
import com.ctrip.framework.apollo.spring.annotation.EnableApolloConfig;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A service of Spring Boot with Apollo's own integration in it; commands as of another program. */
public final class SpringProgram {
  private SpringProgram() {}

  /** The service. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableApolloConfig("rates")
  public static class Shop {
    @Value("${price:none}")
    private volatile @Nullable String price;

    @Value("${eur:none}")
    private volatile @Nullable String eur;

    @ApolloConfig private @Nullable Config config;

    /** There only where the config says so, which must be known before there are beans. */
    @Bean
    @ConditionalOnProperty("gifts")
    Object gifts() {
      return new Object();
    }

    @ApolloConfigChangeListener({"application", "rates"})
    void changed(ConfigChangeEvent event) {
      for (String key : event.changedKeys()) {
        ClientProgram.say("event", key + " " + event.getChange(key).getNewValue());
      }
    }

    private String answer(String word) {
      return switch (word) {
        case "price" -> String.valueOf(price);
        case "eur" -> String.valueOf(eur);
        default -> config == null ? "none" : config.getProperty(word, "none");
      };
    }
  }

  /** Goes on until there are no more commands. */
  public static void main(String[] arguments) throws Exception {
    ClientProgram.silence();
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Shop.class).web(WebApplicationType.NONE).run(arguments);
    Shop shop = context.getBean(Shop.class);
    ClientProgram.serve(
        words ->
            words[0].equals("bean")
                ? String.valueOf(context.containsBean(words[1]))
                : shop.answer(words[0]));
  }
}
