/** Two peers behind NATs of the kernel, in network namespaces of this machine. Start at {@code NatLab}. */
package dev.floe.demo.lab;
