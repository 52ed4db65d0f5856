package io.posthaste.spring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** An application with beans of each kind. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties({ShopApplication.Shop.class, ShopApplication.Fixed.class})
class ShopApplication {
  final List<Set<String>> heard = new CopyOnWriteArrayList<>();

  @EventListener
  void on(ConfigChangedEvent event) {
    heard.add(event.keys());
  }

  /** With a scope, where there is one. */
  @Bean
  @RefreshScope
  Label label(@Value("${shop.label:none}") String text) {
    return new Label(text);
  }

  /** What a proxy can be made of. */
  static class Label {
    private final String text;

    Label(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /** Bound by setters, and within. */
  @ConfigurationProperties("shop")
  static final class Shop {
    private int price = 7;
    private @Nullable String label;
    private String greeting = "hello";
    private List<String> tags = new ArrayList<>();
    private final Map<String, Integer> stock = new LinkedHashMap<>();
    private final Limits limits = new Limits();

    public int getPrice() {
      return price;
    }

    public void setPrice(int price) {
      if (price < 0) {
        throw new IllegalArgumentException("price: " + price + " (expected: 0 or above)");
      }
      this.price = price;
    }

    public @Nullable String getLabel() {
      return label;
    }

    public void setLabel(@Nullable String label) {
      this.label = label;
    }

    public String getGreeting() {
      return greeting;
    }

    public void setGreeting(String greeting) {
      this.greeting = greeting;
    }

    public List<String> getTags() {
      return tags;
    }

    public void setTags(List<String> tags) {
      this.tags = tags;
    }

    public Map<String, Integer> getStock() {
      return stock;
    }

    public Limits getLimits() {
      return limits;
    }
  }

  /** Has no setter in the class that it is part of. */
  static final class Limits {
    private int each = 10;

    public int getEach() {
      return each;
    }

    public void setEach(int each) {
      this.each = each;
    }
  }

  /** Bound by its constructor, and so for ever. */
  @ConfigurationProperties("fixed")
  record Fixed(int value) {}
}
