package io.holdfast.tools.demo;

/** How many bytes of payload a plan publishes. */
final class DemoSize {
  private final DemoPlan plan;

  DemoSize(DemoPlan plan) {
    this.plan = plan;
  }

  long burstBytes() {
    return DemoEvents.load().bytes(plan.burst());
  }
}
