package io.posthaste.examples.springconfig;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** What the config {@code shop.properties} says, as of its newest version. */
@ConfigurationProperties("shop")
public class Shop {
  private volatile int price;

  /** The price of everything. */
  public int getPrice() {
    return price;
  }

  /** Called at start, and whenever the config has another price. */
  public void setPrice(int price) {
    this.price = price;
  }
}
