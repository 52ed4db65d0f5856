package io.posthaste.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A parser that takes bytes from outside, and what good input of it looks like. */
enum Target {
  HTTP(
      "io.posthaste.server.HttpTarget",
      "_GET /v1/updates?topic=a%2Fb&after=0 HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
      "_POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde",
      "_POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3;x=y\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
      "_GET http://localhost/path/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "_OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nOrigin: http://localhost\r\n\r\n"),
  HTTP2_HEAD(
      "io.posthaste.server.Http2HeadTarget",
      ":method\tGET\n:scheme\thttps\n:path\t/v1/updates?topic=a%2Fb&after=0\n:authority\tlocalhost:8080\n",
      ":method\tPOST\n:scheme\thttp\n:path\t/v1/topics/a\nhost\t[::1]:80\ncookie\ta=1\ncookie\tb=2\n",
      ":method\tOPTIONS\n:scheme\thttp\n:path\t*\n:authority\tlocalhost\nhost\tLOCALHOST\n"),
  WEB_SOCKET(
      "io.posthaste.server.WebSocketTarget",
      "_\u0081\u0085\0\0\0\0hello",
      "_\u0001\u0082\0\0\0\0he\u0080\u0083\0\0\0\0llo",
      "_\u0089\u0080\0\0\0\0\u0088\u0082\0\0\0\0\u0003\u00e8",
      "_\u0081\u00fe\u0000\u0080\u0001\u0002\u0003\u0004" + "x".repeat(128)),
  TCP(
      "io.posthaste.door.tcp.TcpTarget",
      "_\u0016\u0012\u0014\n\u000cposthaste.v1\u0012\u0004demo\n\u0008\u0001\u001a\u0006\n\u0004news"
          + "\u001a\u0008\u0002*\u0016\n\u0004news\u0012\u0002hi\u001a\ntext/plain",
      "_\u00ff\u00ff\u00ff\u00ff\u0007",
      "_\u0029\u0012\u0027\n\u000cposthaste.v1\"\u0017Basic YWxpY2U6aG9yc2U=xxxx"),
  CREDENTIAL(
      "io.posthaste.access.CredentialTarget",
      "hBearer ph_abcdefghijkm_0123456789012345678901234567890123456789012",
      "hBearer ph_abc~\u00f8\u00f8\u00f8 \0read\0\u00f7=b ph_abc~\u00f8\u00f8\u00f8 \0read\0\u00f7=b",
      "hBasic YWxpY2U6Y29ycmVjdCBob3JzZQ==",
      "hBearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIiwiZXhwIjoxfQ.c2lnbmF0dXJl",
      "beyJhbGciOiJub25lIn0.e30.",
      "bph_abcdefghijkm_0123456789012345678901234567890123456789012",
      "tpt_0123456789012345678901234567890123456789012",
      "c{\"sub\":\"alice\",\"exp\":4102444800,\"nbf\":1,\"aud\":[\"a\"]}",
      "c{\"sub\":\"alice\",\"exp\":4102444800,\"posthaste\":{\"read\":[\"inbox/{id}/#\",\"a/*\"],"
          + "\"publish\":[\"a\"],\"administer\":[\"#\"]}}",
      "gMDEyMzQ1Njc4OWFiY2RlZjAxMjM=",
      "kMDEyMzQ1Njc4OWFiY2RlZjAxMjM=",
      "sCN=sensor-7,O=Example",
      "sCN=a+OU=b,C=DE,DC=x",
      "scn=\"a, b\",OU=x\\,CN\\=y",
      "sCN=#0c0161,2.5.4.3=b"),
  PLACE("io.posthaste.core.PlaceTarget", "0j5dtrb7xwioh-0.1", "e1-0.1_1.zz_2.3", "e-0.-1"),
  PATTERN(
      "io.posthaste.core.PatternTarget",
      "a/+/b\na/x/b",
      "a/#\na",
      "#\n$sys/a",
      "**\nx//",
      "a/*/c/**\na//c/d/e"),
  FIELDS(
      "io.posthaste.door.web.FieldsTarget",
      "{\"op\":\"subscribe\",\"topics\":[\"a\",\"b/**\"],\"after\":\"e1-0.1_1.2\",\"ref\":1}",
      "{\"op\":\"auth\",\"token\":\"ph_abcdefghijkm_01234567890123456789\",\"ref\":\"a\"}",
      "{\"topic\":\"a\",\"data\":{\"x\":[1,-2.5e3,true,null]},\"key\":\"k\",\"match\":\"*\"}",
      "{\"topic\":\"a\",\"data\":\"aGk=\",\"type\":\"image/png\",\"encoding\":\"base64\"}",
      "{\"topic\":\"a\",\"data\":\"\\ud83d\\ude00\\u2028\",\"headers\":{\"a\":\"b\"}}",
      "{\"data\":\"a: 1\",\"format\":\"yaml\",\"stages\":[1,10.5,100],\"everySeconds\":600,"
          + "\"rule\":{\"priority\":1,\"percent\":0.5,\"anyOf\":[{\"addresses\":[\"fd00::/8\"],"
          + "\"applications\":[\"shop\"],\"labels\":{\"stage\":[\"canary\"]}}]}}",
      "{\"title\":\"The shop\",\"quota\":{\"configs\":1,\"bytes\":null,\"bytesOfOne\":65536}}"),
  LISTENING(
      "io.posthaste.door.nacos.ListeningTarget",
      "a.yaml\u0002DEFAULT_GROUP\u0002\u0001",
      "a\u0002g\u00020cc175b9c0f1b6a831c399e269772661\u0002public\u0001b\u0002g\u0002\u0002\u0001",
      "a%02g%020cc175b9c0f1b6a831c399e269772661%01"),
  APOLLO(
      "io.posthaste.door.apollo.ApolloTarget",
      "n[{\"namespaceName\":\"application\",\"notificationId\":-1}]",
      "n[{\"namespaceName\":\"FX.rates.yaml\"},{\"namespaceName\":\"a.PROPERTIES\",\"notificationId\":256}]",
      "cshop.yaml",
      "cApplication.Properties",
      "eapplication\u0001# c\n\na = 1\nb=\\\n 2\n\u0001a\u0001\u00012\u0001b\u0001c d\u0001=\n",
      "eshop.json\u0001{}\u0001content\u0001{\"a\":1}"),
  APOLLO_DOOR(
      "io.posthaste.door.apollo.ApolloDoorTarget",
      "Gconfigs/shop/default/application?ip=10.0.0.1&releaseKey=e1-0.1&messages=%7B%7D",
      "Gconfigfiles/json/shop/default/application?label=canary",
      "Gnotifications/v2?appId=shop&cluster=default&notifications="
          + "%5B%7B%22namespaceName%22:%22application%22,%22notificationId%22:-1%7D%5D",
      "Gnotifications?appId=shop&cluster=sh&namespace=a.yaml&notificationId=1\nApollo shop:c2ln",
      "Gopenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/items?page=0&size=2",
      "Gopenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/items"
          + "?page=9223372036854775807&size=1000",
      "Popenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/items\n\n"
          + "{\"key\":\"k\",\"value\":\"v\",\"comment\":\"c\",\"dataChangeCreatedBy\":\"ann\"}",
      "Uopenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/encodedItems/YQ=="
          + "?createIfNotExists=true\n\n{\"value\":\"2\",\"dataChangeLastModifiedBy\":\"bob\"}",
      "Dopenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/items/a?operator=ann",
      "Popenapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/releases\n\n"
          + "{\"releaseTitle\":\"t\",\"releaseComment\":\"c\",\"releasedBy\":\"ann\"}",
      "Uopenapi/v1/envs/DEV/releases/257/rollback?operator=ann",
      "Popenapi/v1/apps\n\n{\"app\":{\"appId\":\"shop\",\"name\":\"s\",\"orgId\":\"FX\",\"ownerName\":\"ann\"}}",
      "Popenapi/v1/apps/shop/appnamespaces\n\n"
          + "{\"appId\":\"shop\",\"name\":\"r\",\"isPublic\":true,\"format\":\"yaml\",\"dataChangeCreatedBy\":\"a\"}",
      "Gopenapi/v1/apps/shop/envclusters\nph_abcdefghijkm_0123456789012345678901234567890123456789012"),
  CONFIG_TEXT(
      "io.posthaste.config.ConfigTextTarget",
      "p# c\n\na = 1\r\nb:\\\n  2\\u0041\nc d\\ e\\=f\n!x",
      "ea\u0001 2=\\\u0001why\n\u0001# c\na = 1\n# d\nb=2\n",
      "eb\u0001\u0001\u0001# c\na = 1\n# d\nb=2\\",
      "rpriority=100&share=1000|address=10.0.0.0%2F8&label.stage=canary|application=shop",
      "rpriority=0&share=10000",
      "a10.0.0.0/8",
      "afd00::/8",
      "a::ffff:10.1.2.3"),
  GRPC(
      "io.posthaste.door.nacos.GrpcTarget",
      "_\0\0\0\0\u001c\u0012\u0014\u001a\u0012HealthCheckRequest\u001a\u0004\u0012\u0002{}",
      "_\u0001\0\0\0\0",
      "_\0\u00ff\u00ff\u00ff\u00ff"),
  CLIENT(
      "io.posthaste.client.ClientTarget",
      "u_HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
      "p_HTTP/1.1 200 OK\r\nVia: x\r\n\r\n",
      "p_HTTP/1.0 407 Proxy Authentication Required\r\n\r\n",
      "w_\u0081\u0005hello\u0001\u0002he\u0080\u0003llo",
      "w_\u0089\u0001x\u0081~\u0000\u0080" + "x".repeat(128) + "\u0088\u0005\u0003\u00e8bye",
      "t_\u0003abc\u0081\u0001" + "x".repeat(129)),
  CONFIG(
      "io.posthaste.app.ConfigTarget",
      "http: 127.0.0.1:8080\ndisk-limit: 20g\ncors: [https://app.example.org]\n",
      "keep:\n  chat/#: count:1000000,age:forever\n  typing/#: memory,count:1\n",
      "keep:\n  - 'logs/#=count:100000,age:1d,bytes:1g,max:4m'\nheartbeat: 25s\nstall: 2m\n",
      "[".repeat(2_000),
      "tcp: off\ninsecure: true\nengine: memory\nlog-level: debug\ndata: /var/lib/x\n");

  private final String className;
  private final List<String> seeds;

  Target(String className, String... seeds) {
    this.className = className;
    this.seeds = List.of(seeds);
  }

  /** The class with the method that Jazzer calls. */
  String className() {
    return className;
  }

  /** Whether its runs are never quite the same, as several threads have part in them. */
  boolean isThreaded() {
    return this == APOLLO_DOOR;
  }

  /** Good input, from which the fuzzer sets out. */
  List<byte[]> seeds() {
    return seeds.stream().map(seed -> seed.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }
}
