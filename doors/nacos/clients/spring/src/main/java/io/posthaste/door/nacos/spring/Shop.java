package io.posthaste.door.nacos.spring;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.stereotype.Component;

/** Made anew when a config has changed. */
@Component
@RefreshScope
public class Shop {
  private final int price;

  public Shop(@Value("${price}") int price) {
    this.price = price;
  }

  public int price() {
    return price;
  }
}
