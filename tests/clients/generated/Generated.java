// The mark on generated classes, which a JDK has had no more since 11; the jar that has it is not needed for more.
package javax.annotation;

public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
