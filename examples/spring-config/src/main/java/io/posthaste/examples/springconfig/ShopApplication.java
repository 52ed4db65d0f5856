package io.posthaste.examples.springconfig;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells the price. */
@SpringBootApplication
@EnableConfigurationProperties(Shop.class)
@RestController
public class ShopApplication {
  private final Shop shop;

  /** Made by Spring. */
  public ShopApplication(Shop shop) {
    this.shop = shop;
  }

  /** The price of everything, as of now. */
  @GetMapping("/price")
  public String price() {
    return "price: " + shop.getPrice() + "\n";
  }

  /** Starts it. */
  public static void main(String[] arguments) {
    SpringApplication.run(ShopApplication.class, arguments);
  }
}
