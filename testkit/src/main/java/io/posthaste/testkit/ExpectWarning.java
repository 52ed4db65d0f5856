package io.posthaste.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** On a test that makes us warn, once or more; see {@link QuietLogExtension}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ExpectWarning {
  /** A part of the line that is logged. */
  String value();

  /**
   * Parts of lines that may be logged besides, or may not: what depends on how long things take.
   */
  String[] tolerated() default {};
}
