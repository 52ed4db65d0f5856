@org.jspecify.annotations.NullMarked
package io.posthaste.door.nacos.spring;
