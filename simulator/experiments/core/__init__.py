"""What every method needs: the protocol of a model, designs, sweeps, replications, paired comparison."""
