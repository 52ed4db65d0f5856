package io.posthaste.spring;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindingPostProcessor;
import org.springframework.boot.context.properties.bind.BindMethod;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Binds the {@code @ConfigurationProperties} beans anew that have some of the changed properties.
 * Each is bound to a fresh instance first, and validated there: what is not valid changes nothing,
 * and a key that is gone gives back the default that the class has.
 */
final class Rebinding implements Refreshing {
  private static final Log LOG = LogFactory.getLog(Rebinding.class);

  private final ApplicationContext context;
  private final ConfigurableEnvironment environment;
  private final ConfigurationPropertiesBindingPostProcessor binding;

  Rebinding(
      ApplicationContext context,
      ConfigurableEnvironment environment,
      ConfigurationPropertiesBindingPostProcessor binding) {
    this.context = context;
    this.environment = environment;
    this.binding = binding;
  }

  @Override
  public void refresh(Set<String> keys) {
    Set<String> all = withThoseThatRefer(keys);
    for (Map.Entry<String, ConfigurationPropertiesBean> bean :
        ConfigurationPropertiesBean.getAll(context).entrySet()) {
      String prefix = bean.getValue().getAnnotation().prefix();
      if (all.stream().anyMatch(key -> isUnder(prefix, key))) {
        rebind(bean.getKey(), bean.getValue());
      }
    }
  }

  /** The keys, and those of which the values are made of them, directly or not. */
  private Set<String> withThoseThatRefer(Set<String> keys) {
    Set<String> all = new HashSet<>(keys);
    Set<String> news = keys;
    while (!news.isEmpty()) {
      news = referring(news);
      news.removeAll(all);
      all.addAll(news);
    }
    return all;
  }

  private Set<String> referring(Set<String> keys) {
    Set<String> all = new HashSet<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> enumerable) {
        for (String name : enumerable.getPropertyNames()) {
          String text = enumerable.getProperty(name) instanceof String string ? string : "";
          if (text.contains("${") && keys.stream().anyMatch(key -> text.contains("${" + key))) {
            all.add(name);
          }
        }
      }
    }
    return all;
  }

  private static boolean isUnder(String prefix, String key) {
    ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
    ConfigurationPropertyName above = ConfigurationPropertyName.adapt(prefix, '.');
    return above.equals(name) || above.isAncestorOf(name);
  }

  private void rebind(String name, ConfigurationPropertiesBean bean) {
    if (bean.asBindTarget().getBindMethod() == BindMethod.VALUE_OBJECT) {
      LOG.warn(
          "The bean "
              + name
              + " is bound by its constructor and keeps its values (expected: setters,"
              + " or @RefreshScope of Spring Cloud)");
      return;
    }
    try {
      Object live = target(bean.getInstance());
      Object fresh = fresh(live.getClass());
      if (fresh == null) {
        binding.postProcessBeforeInitialization(live, name);
      } else {
        binding.postProcessBeforeInitialization(fresh, name);
        if (!BeanCopy.copy(fresh, live)) {
          binding.postProcessBeforeInitialization(live, name);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("The bean " + name + " keeps the values that it had", e);
    }
  }

  private static Object target(Object bean) {
    Object target = AopUtils.isAopProxy(bean) ? AopProxyUtils.getSingletonTarget(bean) : bean;
    return target == null ? bean : target;
  }

  /** An instance of which nobody knows; null if none can be made without further ado. */
  private static @Nullable Object fresh(Class<?> type) {
    try {
      return BeanUtils.instantiateClass(type.getDeclaredConstructor());
    } catch (NoSuchMethodException | RuntimeException e) {
      return null;
    }
  }
}
