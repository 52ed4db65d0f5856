package io.posthaste.spring;

import java.beans.PropertyDescriptor;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.util.ReflectionUtils;

/** Copies what binding set: by setters, and within what has only a getter. */
final class BeanCopy {
  private static final int MAX_DEPTH = 16;

  private BeanCopy() {}

  /**
   * Copies.
   *
   * @return whether all of it could be: not a property with a setter alone
   */
  static boolean copy(Object from, Object to) {
    return copy(from, to, 0);
  }

  private static boolean copy(Object from, Object to, int depth) {
    boolean whole = depth < MAX_DEPTH;
    for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(to.getClass())) {
      Method read = property.getReadMethod();
      Method write = property.getWriteMethod();
      if (property.getName().equals("class") || !whole) {
        continue;
      }
      if (read == null) {
        whole &= write == null;
      } else if (write != null) {
        invoke(write, to, invoke(read, from));
      } else {
        Object fresh = invoke(read, from);
        Object live = invoke(read, to);
        if (fresh != null && live != null && fresh != live) {
          whole &= copyWithin(fresh, live, depth);
        }
      }
    }
    return whole;
  }

  @SuppressWarnings("unchecked")
  private static boolean copyWithin(Object fresh, Object live, int depth) {
    if (live instanceof Map<?, ?> map) {
      map.keySet().retainAll(((Map<?, ?>) fresh).keySet());
      ((Map<Object, Object>) map).putAll((Map<Object, Object>) fresh);
      return true;
    }
    if (live instanceof Collection<?> collection) {
      if (!live.equals(fresh)) {
        collection.clear();
        ((Collection<Object>) collection).addAll((Collection<Object>) fresh);
      }
      return true;
    }
    return BeanUtils.isSimpleValueType(live.getClass()) || copy(fresh, live, depth + 1);
  }

  private static @Nullable Object invoke(Method method, Object on, @Nullable Object... arguments) {
    ReflectionUtils.makeAccessible(method);
    return ReflectionUtils.invokeMethod(method, on, arguments);
  }
}
