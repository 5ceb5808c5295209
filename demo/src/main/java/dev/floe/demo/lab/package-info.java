/** Two peers behind NATs: those of the kernel, in network namespaces of this machine, start at {@code NatLab}; those that are simulated in one process at {@code SimulatedInternet}. */
package dev.floe.demo.lab;
